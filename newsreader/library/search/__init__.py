"""What makes stories found.

tokens    text -> what is indexed and compared
query     the language of searches
"""
