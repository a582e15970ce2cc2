local names = import 'names.libsonnet';
local labels(name) = { app: name, [if name == 'web' then 'front']: 'yes' };

[
  names.object('ConfigMap', name, labels(name)) {
    data: {
      ports: std.join(',', [std.toString(port) for port in [80, 443] if port > 1]),
      text: 'of %s: %d' % [name, std.length(name)],
      manifest: std.manifestJsonEx({ a: [1, 2.5, null, true] }, '  '),
      sum: std.toString(std.foldl(function(a, b) a + b, std.range(1, 3), 0)),
    },
    metadata+: { annotations: std.mapWithKey(function(k, v) v + k, { a: 'x' }) },
  }
  for name in std.sort(['web', 'api'])
]
