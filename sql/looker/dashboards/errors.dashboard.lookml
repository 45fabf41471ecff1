- dashboard: errors
  title: "Errors and patterns"
  layout: newspaper
  refresh: 1 minute
  elements:
  - title: "Errors by service"
    name: "Errors by service"
    model: logweir
    explore: logs
    type: looker_column
    fields: [logs.event_hour, logs.service, logs.errors]
    pivots: [logs.service]
    sorts: [logs.event_hour]
    limit: 500
    row: 0
    col: 0
    width: 24
    height: 8
  - title: "Most frequent patterns"
    name: "Most frequent patterns"
    model: logweir
    explore: top_patterns
    type: looker_grid
    fields: [top_patterns.service, top_patterns.template, top_patterns.entries]
    sorts: [top_patterns.entries desc]
    limit: 500
    row: 8
    col: 0
    width: 24
    height: 10
  - title: "Error budgets"
    name: "Error budgets"
    model: logweir
    explore: error_budget
    type: looker_grid
    fields: [error_budget.service, error_budget.good_share, error_budget.budget_used, error_budget.burn_rate_1h]
    sorts: [error_budget.budget_used desc]
    limit: 500
    row: 18
    col: 0
    width: 24
    height: 8
  - title: "Incidents"
    name: "Incidents"
    model: logweir
    explore: incident_timeline
    type: looker_grid
    fields: [incident_timeline.changed_second, incident_timeline.service, incident_timeline.rule, incident_timeline.to_state, incident_timeline.summary]
    sorts: [incident_timeline.changed_second desc]
    limit: 500
    row: 26
    col: 0
    width: 24
    height: 8
  - title: "Rules that cry wolf"
    name: "Rules that cry wolf"
    model: logweir
    explore: alert_noise
    type: looker_bar
    fields: [alert_noise.rule, alert_noise.called_useful, alert_noise.called_noise]
    sorts: [alert_noise.called_noise desc]
    limit: 500
    row: 34
    col: 0
    width: 12
    height: 8
  - title: "Verdicts against what people said"
    name: "Verdicts against what people said"
    model: logweir
    explore: prediction_quality
    type: looker_column
    fields: [prediction_quality.on_date, prediction_quality.caught, prediction_quality.false_positives, prediction_quality.missed]
    sorts: [prediction_quality.on_date]
    limit: 500
    row: 34
    col: 12
    width: 12
    height: 8
