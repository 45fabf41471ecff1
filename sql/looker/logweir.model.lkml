connection: "logweir"

include: "/views/*.view.lkml"
include: "/dashboards/*.dashboard.lookml"

# Views bring their own time range: no explore scans a whole table.
explore: windows {
  description: "Event-time windows per service: rates, errors, latency."
  join: service_health {
    type: left_outer
    relationship: many_to_one
    sql_on: ${windows.service} = ${service_health.service} ;;
  }
}

explore: logs {
  description: "Log entries of the last 24 hours."
  join: top_patterns {
    type: left_outer
    relationship: many_to_one
    sql_on: ${logs.service} = ${top_patterns.service} AND ${logs.pattern_id} = ${top_patterns.pattern_id} ;;
  }
}

explore: service_health {
  description: "How each service is now."
}

explore: top_patterns {
  description: "Message patterns of the last 24 hours."
}

explore: error_budget {
  description: "Error budgets over 30 days."
}

explore: pipeline_lag {
  description: "How late entries and windows arrive."
}

explore: cost_per_service {
  description: "Bytes logged per service."
}
