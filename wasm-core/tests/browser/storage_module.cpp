// A module with nothing but the file system and the storage override: what the storage tests run in
// a real browser, independent of the core.
int main() { return 0; }
