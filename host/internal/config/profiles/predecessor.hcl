# What the predecessor's users asked for: thresholds in blocks, and the highest
# usable head.
defaults {
  block_lag "severe" {
    lag_above = 100
  }

  sync_stall {
    for       = "180s"
    lag_above = 100
    unless    = producing
  }

  falling_behind {
    window    = "300s"
    lag_above = 100
    unless    = producing
  }

  block_lag "moderate" {
    lag_above = 20
    unless    = major_sync || producing
  }

  cooldown {
    after_action = "300s"
  }
}
