project_name: "logweir"

# The Google Cloud project and the dataset that hold the views.
constant: project {
  value: "your-project"
  export: override_required
}

constant: dataset {
  value: "logweir"
  export: override_optional
}
