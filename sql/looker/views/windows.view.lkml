# Event-time windows per service of the last 24 hours, latest revision.
view: windows {
  sql_table_name: `@{project}.@{dataset}.recent_windows` ;;

  dimension: primary_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(${TABLE}.job, ' ', ${TABLE}.service, ' ', CAST(${TABLE}.window_start AS STRING)) ;;
  }

  dimension_group: window {
    type: time
    timeframes: [raw, second, minute, minute10, hour, date, week]
    sql: ${TABLE}.window_start ;;
    description: "First instant of the window, UTC."
  }

  dimension: job {
    type: string
    sql: ${TABLE}.job ;;
    description: "Job that made the row."
  }

  dimension: service {
    type: string
    sql: ${TABLE}.service ;;
    description: "Service."
  }

  dimension: revision {
    type: number
    sql: ${TABLE}.revision ;;
    description: "1, or more where late data came."
  }

  dimension: error_rate_of_window {
    type: number
    sql: ${TABLE}.error_rate ;;
    description: "errors / entries of the window."
  }

  dimension: latency_p50_of_window {
    type: number
    sql: ${TABLE}.latency_p50_ms ;;
    description: "Median latency of the window, ms."
  }

  dimension: latency_p95_of_window {
    type: number
    sql: ${TABLE}.latency_p95_ms ;;
    description: "95th percentile of latency of the window, ms."
  }

  dimension: incomplete {
    type: yesno
    sql: ${TABLE}.incomplete ;;
    description: "A partial result could not be read."
  }

  measure: windows {
    type: count
    description: "Windows."
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

  measure: warnings {
    type: sum
    sql: ${TABLE}.warning_count ;;
    description: "Entries of severity WARNING."
  }

  measure: anomalies {
    type: sum
    sql: ${TABLE}.anomalies ;;
    description: "Entries that a single-entry rule marked."
  }

  measure: error_rate {
    type: number
    sql: SAFE_DIVIDE(${errors}, ${entries}) ;;
    value_format: "0.0%"
    description: "errors / entries."
  }

  measure: latency_total {
    type: sum
    sql: ${TABLE}.latency_mean_ms * ${TABLE}.latency_count ;;
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
    sql: ${latency_p95_of_window} ;;
    value_format: "0.0"
    description: "Highest p95 of a window, ms."
  }

  measure: server_errors {
    type: sum
    sql: ${TABLE}.http_5xx ;;
    description: "Entries with an HTTP status of 500 to 599."
  }

  measure: revised {
    type: sum
    sql: IF(${revision} > 1, 1, 0) ;;
    description: "Windows that late data revised."
  }
}
