# Log entries of the last 24 hours, each once.
view: logs {
  sql_table_name: `@{project}.@{dataset}.recent_logs` ;;

  dimension: primary_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: ${TABLE}.insert_id ;;
  }

  dimension_group: event {
    type: time
    timeframes: [raw, second, minute, minute10, hour, date, week]
    sql: ${TABLE}.timestamp ;;
    description: "Event time, UTC."
  }

  dimension_group: received {
    type: time
    timeframes: [raw, second, minute, minute10, hour, date, week]
    sql: ${TABLE}.received_at ;;
    description: "When Pub/Sub took the message, UTC."
  }

  dimension: service {
    type: string
    sql: ${TABLE}.service ;;
    description: "Service that wrote the entry."
  }

  dimension: instance {
    type: string
    sql: ${TABLE}.instance ;;
    description: "Host, pod or container."
  }

  dimension: severity {
    type: string
    sql: ${TABLE}.severity ;;
    description: "Cloud Logging's name of the severity."
  }

  dimension: severity_number {
    type: number
    sql: ${TABLE}.severity_number ;;
    description: "Cloud Logging's number of the severity."
  }

  dimension: message {
    type: string
    sql: ${TABLE}.message ;;
    description: "The text."
  }

  dimension: pattern_id {
    type: string
    sql: ${TABLE}.pattern_id ;;
    description: "Pattern of the message."
  }

  dimension: http_status {
    type: number
    sql: ${TABLE}.http_status ;;
    description: "HTTP status code."
  }

  dimension: error_code {
    type: string
    sql: ${TABLE}.error_code ;;
    description: "Error code that the service gave."
  }

  dimension: trace_id {
    type: string
    sql: ${TABLE}.trace_id ;;
    description: "Trace id."
  }

  dimension: request_id {
    type: string
    sql: ${TABLE}.request_id ;;
    description: "Request id."
  }

  dimension: user_id {
    type: string
    sql: ${TABLE}.user_id ;;
    description: "User on whose behalf the service acted."
  }

  dimension: latency_ms {
    type: number
    sql: ${TABLE}.latency_ms ;;
    description: "Duration of the request in milliseconds."
  }

  dimension: anomaly_score {
    type: number
    sql: ${TABLE}.anomaly_score ;;
    description: "0 (usual) to 100."
  }

  dimension: is_error {
    type: yesno
    sql: ${severity_number} >= 500 ;;
    description: "Severity ERROR or higher."
  }

  measure: entries {
    type: count
    description: "Log entries."
  }

  measure: errors {
    type: sum
    sql: IF(${is_error}, 1, 0) ;;
    description: "Entries of severity ERROR or higher."
  }

  measure: error_rate {
    type: number
    sql: SAFE_DIVIDE(${errors}, ${entries}) ;;
    value_format: "0.0%"
    description: "errors / entries."
  }

  measure: users {
    type: count_distinct
    sql: ${user_id} ;;
    description: "Distinct users."
  }

  measure: latency_p50 {
    type: percentile
    percentile: 50
    sql: ${latency_ms} ;;
    value_format: "0.0"
    description: "Median latency, ms."
  }

  measure: latency_p95 {
    type: percentile
    percentile: 95
    sql: ${latency_ms} ;;
    value_format: "0.0"
    description: "95th percentile of latency, ms."
  }
}
