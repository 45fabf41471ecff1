# What happened to alerts, in order, over 30 days.
view: incident_timeline {
  sql_table_name: `@{project}.@{dataset}.incident_timeline` ;;

  dimension: primary_key {
    primary_key: yes
    hidden: yes
    type: string
    sql: CONCAT(${TABLE}.incident, ' ', ${TABLE}.rule, ' ', ${TABLE}.to_state, ' ', CAST(${TABLE}.changed_at AS STRING)) ;;
  }

  dimension_group: changed {
    type: time
    timeframes: [raw, second, minute, hour, date]
    sql: ${TABLE}.changed_at ;;
    description: "When it changed, UTC."
  }

  dimension: incident {
    type: string
    sql: ${TABLE}.incident ;;
    description: "Incident (group of alerts)."
  }

  dimension: service {
    type: string
    sql: ${TABLE}.service ;;
    description: "Service."
  }

  dimension: rule {
    type: string
    sql: ${TABLE}.rule ;;
    description: "Rule that fired."
  }

  dimension: severity {
    type: string
    sql: ${TABLE}.severity ;;
    description: "page, ticket or info."
  }

  dimension: from_state {
    type: string
    sql: ${TABLE}.from_state ;;
    description: "State before."
  }

  dimension: to_state {
    type: string
    sql: ${TABLE}.to_state ;;
    description: "State after."
  }

  dimension: reason {
    type: string
    sql: ${TABLE}.reason ;;
    description: "Why it changed."
  }

  dimension: summary {
    type: string
    sql: ${TABLE}.summary ;;
    description: "The alert in a sentence."
  }

  measure: changes {
    type: count
    description: "Changes of alerts."
  }

  measure: incidents {
    type: count_distinct
    sql: ${incident} ;;
    description: "Incidents."
  }
}
