config = "../two.hcl"
test "a" {
  monitor = "one"
  acts    = 0
  history {
    head {
      best = 1
    }
    head {
      source = "pulbic"
      best   = 1
    }
    head_error {
      source = "own"
      error  = "refused"
    }
  }
}
