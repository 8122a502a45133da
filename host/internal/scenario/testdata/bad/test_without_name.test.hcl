config = "../minimal.hcl"
test {
}
