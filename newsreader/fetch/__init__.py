"""The network: what is fetched becomes dumps in an archive of our own.

    addresses  which addresses may be asked for, by which proxy, and which of them lie inside
    inflate    compressed bodies, with a cap that acts while they inflate
    terms      what a request carries, and what it may cost
    client     HTTP: the only door to it

Owns: all that goes over the network. Never: what a dump means, the index, wording, or fetching what nobody asked for.
"""
