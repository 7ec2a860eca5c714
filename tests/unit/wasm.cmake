# The unit tests as a program for Node. shared/ is the very library that the browser's core links; only
# the tests themselves are compiled with less effort.
godwit_node_program(godwit_unit)
