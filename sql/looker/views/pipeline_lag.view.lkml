# How late entries and windows reach the warehouse, per minute.
view: pipeline_lag {
  sql_table_name: `@{project}.@{dataset}.pipeline_lag` ;;

  dimension: primary_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CAST(${TABLE}.minute AS STRING) ;;
  }

  dimension_group: minute_of {
    type: time
    timeframes: [raw, second, minute, minute10, hour, date, week]
    sql: ${TABLE}.minute ;;
    description: "Minute, UTC."
  }

  measure: entries {
    type: sum
    sql: ${TABLE}.entries ;;
    description: "Entries received."
  }

  measure: shipping_mean {
    type: average
    sql: ${TABLE}.shipping_mean_ms ;;
    value_format: "0"
    description: "From event to Pub/Sub, ms."
  }

  measure: shipping_max {
    type: max
    sql: ${TABLE}.shipping_max_ms ;;
    value_format: "0"
    description: "Longest from event to Pub/Sub, ms."
  }

  measure: window_delay {
    type: average
    sql: ${TABLE}.window_delay_mean_ms ;;
    value_format: "0"
    description: "From the end of a window to its first row, ms."
  }

  measure: revised {
    type: sum
    sql: ${TABLE}.revised ;;
    description: "Windows that late data revised."
  }
}
