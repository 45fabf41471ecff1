# Services hour by hour, from the roll-up: for long times; up to some half an hour behind.
view: service_hours {
  sql_table_name: `@{project}.@{dataset}.service_hours` ;;

  dimension: primary_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(${TABLE}.job, ' ', ${TABLE}.service, ' ', CAST(${TABLE}.hour AS STRING)) ;;
  }

  dimension_group: at {
    type: time
    timeframes: [raw, hour, hour_of_day, date, day_of_week, week]
    sql: ${TABLE}.hour ;;
    description: "Start of the hour, UTC."
  }

  dimension: job {
    type: string
    sql: ${TABLE}.job ;;
    description: "Job that made the windows."
  }

  dimension: service {
    type: string
    sql: ${TABLE}.service ;;
    description: "Service."
  }

  measure: entries {
    type: sum
    sql: ${TABLE}.entries ;;
    description: "Log entries."
  }

  measure: errors {
    type: sum
    sql: ${TABLE}.errors ;;
    description: "Entries of severity ERROR or higher."
  }

  measure: error_rate {
    type: number
    sql: SAFE_DIVIDE(${errors}, ${entries}) ;;
    value_format: "0.0%"
    description: "errors / entries."
  }

  measure: anomalies {
    type: sum
    sql: ${TABLE}.anomalies ;;
    description: "Entries that a single-entry rule marked."
  }

  measure: server_errors {
    type: sum
    sql: ${TABLE}.http_5xx ;;
    description: "Entries with an HTTP status of 500 to 599."
  }

  measure: latency_total {
    type: sum
    sql: ${TABLE}.latency_total_ms ;;
    value_format: "0"
    description: "Sum of latencies, ms."
  }

  measure: latency_count {
    type: sum
    sql: ${TABLE}.latency_count ;;
    description: "Entries that tell a latency."
  }

  measure: latency_mean {
    type: number
    sql: SAFE_DIVIDE(${latency_total}, ${latency_count}) ;;
    value_format: "0.0"
    description: "Mean latency, ms."
  }

  measure: latency_p95_highest {
    type: max
    sql: ${TABLE}.latency_p95_highest_ms ;;
    value_format: "0.0"
    description: "Highest p95 of a window, ms."
  }

  measure: revised {
    type: sum
    sql: ${TABLE}.revised ;;
    description: "Windows that late data revised."
  }
}
