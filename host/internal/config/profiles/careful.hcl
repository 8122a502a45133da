# What we recommend: thresholds in time, the same for any chain, heads that are
# judged, and guards for the nights in which a restart does harm.
defaults {
  # Five minutes behind, for two minutes.
  block_lag "severe" {
    lag_above = max(10, ceil(300 / block_time))
    for       = "2m"
  }

  # No new block for three minutes, and two minutes behind.
  sync_stall {
    for       = "3m"
    lag_above = max(5, ceil(120 / block_time))
    unless    = producing
  }

  # The others see it in time.
  falling_behind {
    enabled = false
  }

  # A minute and a half behind, for three minutes. A wedged node may call itself
  # syncing for ever; catching_up tells one that does.
  block_lag "moderate" {
    lag_above = max(6, ceil(90 / block_time))
    for       = "3m"
    unless    = producing
  }

  cooldown {
    after_action = "300s"
  }

  # One vote a provider; what a majority has reached counts.
  head {
    quorum    = 2
    tolerance = "10s"
  }

  # A node that deletes its chain at every start is restarted by a person.
  preflight {
  }

  # No restart brings the network's next block.
  network_stall {
    stagger = "2m"
  }

  # A node that gains on the network is left alone.
  catching_up {
    window   = "5m"
    min_gain = 10
    patience = "10m"
    alert    = "24h"
  }

  # A node that imports blocks is never restarted on one witness.
  one_witness {
  }

  # After two acts that did not help a person has to see to it.
  recovery {
    unhelpful  = 2
    quarantine = "24h"
  }

  # Three acts in six hours; one that helped is given back after half an hour of
  # health.
  budget {
    actions    = 3
    per        = "6h"
    forgive    = "30m"
    when_spent = "hold"
  }

  # What starts again and again by itself is not helped by one more start.
  crash_loop {
    starts = 4
    per    = "15m"
  }
}
