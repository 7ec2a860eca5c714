# The simulator as a program for Node, with the server in memory: the same seeds, the same digests.
godwit_node_program(godwit_simulation)
