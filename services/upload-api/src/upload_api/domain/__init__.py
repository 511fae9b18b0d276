"""What upload-api decides: pure, without I/O."""
