config = "../minimal.hcl"
test "a" {
  acts    = 0
  history {
    to = "1000h"
    log {
      every = "1s"
      text  = "a"
    }
  }
}
