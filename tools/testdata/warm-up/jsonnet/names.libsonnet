{
  object(kind, name, labels={}):: {
    local me = self,
    apiVersion: 'v1',
    kind: kind,
    metadata: { name: std.asciiLower(name), labels: labels { name: me.metadata.name } },
    assert std.isString(name) : 'a name is text',
  },
}
