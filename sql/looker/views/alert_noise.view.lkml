# Which rules cry wolf, over 30 days.
view: alert_noise {
  sql_table_name: `@{project}.@{dataset}.alert_noise` ;;

  dimension: primary_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(${TABLE}.rule, ' ', ${TABLE}.service) ;;
  }

  dimension: rule {
    type: string
    sql: ${TABLE}.rule ;;
    description: "Rule."
  }

  dimension: service {
    type: string
    sql: ${TABLE}.service ;;
    description: "Service."
  }

  measure: alerts {
    type: sum
    sql: ${TABLE}.alerts ;;
    description: "Alerts."
  }

  measure: called_noise {
    type: sum
    sql: ${TABLE}.called_noise ;;
    description: "Alerts that people called noise."
  }

  measure: called_useful {
    type: sum
    sql: ${TABLE}.called_useful ;;
    description: "Alerts that people called useful."
  }

  measure: noise_share {
    type: number
    sql: SAFE_DIVIDE(${called_noise}, ${called_noise} + ${called_useful}) ;;
    value_format: "0.0%"
    description: "Share of judged alerts that are noise."
  }
}
