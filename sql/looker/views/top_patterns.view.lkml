# Message patterns of the last 24 hours.
view: top_patterns {
  sql_table_name: `@{project}.@{dataset}.top_patterns` ;;

  dimension: primary_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(${TABLE}.service, ' ', ${TABLE}.pattern_id) ;;
  }

  dimension: service {
    type: string
    sql: ${TABLE}.service ;;
    description: "Service."
  }

  dimension: pattern_id {
    type: string
    sql: ${TABLE}.pattern_id ;;
    description: "Pattern."
  }

  dimension: template {
    type: string
    sql: ${TABLE}.template ;;
    description: "The message with <*> for each variable part."
  }

  dimension: example {
    type: string
    sql: ${TABLE}.example ;;
    description: "One message."
  }

  measure: entries {
    type: sum
    sql: ${TABLE}.entries ;;
    description: "Log entries."
  }

  measure: patterns {
    type: count_distinct
    sql: ${pattern_id} ;;
    description: "Patterns."
  }
}
