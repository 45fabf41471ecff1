- dashboard: services
  title: "Services"
  layout: newspaper
  refresh: 1 minute
  elements:
  - title: "Services that are not well"
    name: "Services that are not well"
    model: logweir
    explore: service_health
    type: single_value
    fields: [service_health.unwell]
    limit: 500
    row: 0
    col: 0
    width: 6
    height: 4
  - title: "Health now"
    name: "Health now"
    model: logweir
    explore: service_health
    type: looker_grid
    fields: [service_health.service, service_health.health, service_health.entries_5m, service_health.error_rate_5m, service_health.latency_mean_5m_ms]
    sorts: [service_health.service]
    limit: 500
    row: 0
    col: 6
    width: 18
    height: 8
  - title: "Entries"
    name: "Entries"
    model: logweir
    explore: windows
    type: looker_area
    fields: [windows.window_minute, windows.service, windows.entries]
    pivots: [windows.service]
    sorts: [windows.window_minute]
    limit: 500
    row: 8
    col: 0
    width: 12
    height: 8
  - title: "Error rate"
    name: "Error rate"
    model: logweir
    explore: windows
    type: looker_line
    fields: [windows.window_minute, windows.service, windows.error_rate]
    pivots: [windows.service]
    sorts: [windows.window_minute]
    limit: 500
    row: 8
    col: 12
    width: 12
    height: 8
  - title: "Latency p95"
    name: "Latency p95"
    model: logweir
    explore: windows
    type: looker_line
    fields: [windows.window_minute, windows.service, windows.latency_p95_highest]
    pivots: [windows.service]
    sorts: [windows.window_minute]
    limit: 500
    row: 16
    col: 0
    width: 24
    height: 8
  - title: "Entries and error rate, hour by hour"
    name: "Entries and error rate, hour by hour"
    model: logweir
    explore: service_hours
    type: looker_line
    fields: [service_hours.at_hour, service_hours.entries, service_hours.error_rate]
    sorts: [service_hours.at_hour desc]
    limit: 500
    row: 24
    col: 0
    width: 12
    height: 8
  - title: "Mean latency by day"
    name: "Mean latency by day"
    model: logweir
    explore: service_hours
    type: looker_line
    fields: [service_hours.at_date, service_hours.service, service_hours.latency_mean]
    pivots: [service_hours.service]
    sorts: [service_hours.at_date]
    limit: 500
    row: 24
    col: 12
    width: 12
    height: 8
