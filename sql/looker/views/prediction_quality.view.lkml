# How often the verdicts were right, against what people said, over 30 days.
view: prediction_quality {
  sql_table_name: `@{project}.@{dataset}.prediction_quality` ;;

  dimension: primary_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(${TABLE}.service, ' ', CAST(${TABLE}.day AS STRING)) ;;
  }

  dimension_group: on {
    type: time
    timeframes: [raw, date, week]
    sql: TIMESTAMP(${TABLE}.day) ;;
    description: "Day of the windows, UTC."
  }

  dimension: service {
    type: string
    sql: ${TABLE}.service ;;
    description: "Service."
  }

  measure: windows {
    type: sum
    sql: ${TABLE}.windows ;;
    description: "Windows judged."
  }

  measure: normal {
    type: sum
    sql: ${TABLE}.normal ;;
    description: "Judged normal, and nobody says otherwise."
  }

  measure: caught {
    type: sum
    sql: ${TABLE}.caught ;;
    description: "Judged bad, and people agree."
  }

  measure: false_positives {
    type: sum
    sql: ${TABLE}.false_positives ;;
    description: "Judged bad, and people call it noise."
  }

  measure: missed {
    type: sum
    sql: ${TABLE}.missed ;;
    description: "Judged normal, and people say it was bad."
  }

  measure: precision {
    type: number
    sql: SAFE_DIVIDE(${caught}, ${caught} + ${false_positives}) ;;
    value_format: "0.0%"
    description: "caught / (caught + false positives)."
  }

  measure: recall {
    type: number
    sql: SAFE_DIVIDE(${caught}, ${caught} + ${missed}) ;;
    value_format: "0.0%"
    description: "caught / (caught + missed)."
  }
}
