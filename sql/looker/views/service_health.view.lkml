# How each service is now, against its own last hour.
view: service_health {
  sql_table_name: `@{project}.@{dataset}.service_health` ;;

  dimension: primary_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: ${TABLE}.service ;;
  }

  dimension: service {
    type: string
    sql: ${TABLE}.service ;;
    description: "Service."
  }

  dimension: health {
    type: string
    sql: ${TABLE}.health ;;
    description: "failing, degraded, silent or well."
  }

  dimension: entries_5m {
    type: number
    sql: ${TABLE}.entries_5m ;;
    description: "Entries of the last five minutes."
  }

  dimension: errors_5m {
    type: number
    sql: ${TABLE}.errors_5m ;;
    description: "Errors of the last five minutes."
  }

  dimension: error_rate_5m {
    type: number
    sql: ${TABLE}.error_rate_5m ;;
    description: "Error rate of the last five minutes."
  }

  dimension: error_rate_1h {
    type: number
    sql: ${TABLE}.error_rate_1h ;;
    description: "Error rate of the last hour."
  }

  dimension: latency_mean_5m_ms {
    type: number
    sql: ${TABLE}.latency_mean_5m_ms ;;
    description: "Mean latency of the last five minutes."
  }

  dimension: latency_p99_5m_ms {
    type: number
    sql: ${TABLE}.latency_p99_5m_ms ;;
    description: "Highest p99 of a window of the last five minutes."
  }

  measure: services {
    type: count
    description: "Services."
  }

  measure: unwell {
    type: sum
    sql: IF(${health} = 'well', 0, 1) ;;
    description: "Services that are not well."
  }
}
