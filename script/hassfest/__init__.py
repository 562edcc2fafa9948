"""The rules of hassfest for a custom integration, without its container.

The authority stays Home Assistant's own action, which the GitHub workflow runs; here the
same rules are put in Home Assistant's own validators, to have the verdict in a second.
"""
