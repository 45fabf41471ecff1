connection: "logweir"

include: "/views/*.view.lkml"
include: "/dashboards/*.dashboard.lookml"

# Views bring their own time range: no explore scans a whole table. A roll-up must not be joined to the windows that it
# is made from (BigQuery refuses that), so it stands alone, with a time range here.
explore: windows {
  description: "Event-time windows per service of the last 24 hours: rates, errors, latency."
  sql_always_where: ${windows.job} = 'service_health' ;;
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

explore: service_hours {
  description: "Services hour by hour over 90 days: volume, errors, latency."
  sql_always_where: ${service_hours.at_raw} >= TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL 90 DAY)
    AND ${service_hours.job} = 'service_health' ;;
}

explore: incident_timeline {
  description: "Alerts and their changes over 30 days."
}

explore: alert_noise {
  description: "Rules that cry wolf."
}

explore: prediction_quality {
  description: "Verdicts against what people said: normal, caught, false positives, missed."
}
