# Error budget of 99.9 % good entries over 30 days.
view: error_budget {
  sql_table_name: `@{project}.@{dataset}.error_budget` ;;

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

  dimension: good_share {
    type: number
    sql: ${TABLE}.good_share ;;
    description: "Share of good entries."
  }

  dimension: budget_used {
    type: number
    sql: ${TABLE}.budget_used ;;
    description: "1: all of it."
  }

  dimension: burn_rate_1h {
    type: number
    sql: ${TABLE}.burn_rate_1h ;;
    description: "1 uses the budget up in exactly 30 days."
  }

  measure: services {
    type: count
    description: "Services."
  }

  measure: overdrawn {
    type: sum
    sql: IF(${budget_used} > 1, 1, 0) ;;
    description: "Services that used up their budget."
  }
}
