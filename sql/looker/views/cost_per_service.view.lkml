# Bytes that each service logs a day.
view: cost_per_service {
  sql_table_name: `@{project}.@{dataset}.cost_per_service` ;;

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

  measure: bytes {
    type: sum
    sql: ${TABLE}.bytes ;;
    description: "Bytes of text in 24 hours."
  }

  measure: entries {
    type: sum
    sql: ${TABLE}.entries ;;
    description: "Entries in 24 hours."
  }
}
