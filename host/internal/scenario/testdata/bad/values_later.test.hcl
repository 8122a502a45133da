config = "../minimal.hcl"
test "a" {
  acts    = 0
  history {
    to = "1m"
    head {
      every = "10s"
      best  = 20 - t
    }
    head {
      every = "500ms"
      best  = t
    }
  }
}
