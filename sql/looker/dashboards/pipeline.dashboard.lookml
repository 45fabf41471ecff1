- dashboard: pipeline
  title: "Pipeline"
  layout: newspaper
  refresh: 1 minute
  elements:
  - title: "Entries a minute"
    name: "Entries a minute"
    model: logweir
    explore: pipeline_lag
    type: looker_area
    fields: [pipeline_lag.minute_of_minute, pipeline_lag.entries]
    sorts: [pipeline_lag.minute_of_minute]
    limit: 500
    row: 0
    col: 0
    width: 12
    height: 8
  - title: "Delay of windows"
    name: "Delay of windows"
    model: logweir
    explore: pipeline_lag
    type: looker_line
    fields: [pipeline_lag.minute_of_minute, pipeline_lag.window_delay, pipeline_lag.shipping_mean]
    sorts: [pipeline_lag.minute_of_minute]
    limit: 500
    row: 0
    col: 12
    width: 12
    height: 8
  - title: "Bytes by service"
    name: "Bytes by service"
    model: logweir
    explore: cost_per_service
    type: looker_pie
    fields: [cost_per_service.service, cost_per_service.bytes]
    sorts: [cost_per_service.bytes desc]
    limit: 500
    row: 8
    col: 0
    width: 12
    height: 8
