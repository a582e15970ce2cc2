// Alerts, recording rules and a dashboard for one component, from settings that whoever imports it overrides.
{
  _config:: {
    component: error 'give a component',
    selector: 'job="%s"' % self.component,
    namespace: 'monitoring',
    windows: ['5m', '30m', '1h', '6h'],
    objectives: [0.9, 0.95, 0.99],
    severity: 'warning',
  },

  rules:: [
    {
      record: '%s:requests:rate%s' % [$._config.component, window],
      expr: 'sum by (namespace, job, code) (rate(http_requests_total{%s}[%s]))' % [$._config.selector, window],
    }
    for window in $._config.windows
  ],

  alerts:: [
    {
      local percent = std.toString(objective * 100),
      alert: '%sSlow%s' % [std.asciiUpper($._config.component[0]) + $._config.component[1:], std.strReplace(percent, '.', '_')],
      expr: |||
        histogram_quantile(%(quantile)0.2f, sum by (le, namespace) (
          rate(http_request_duration_seconds_bucket{%(selector)s}[%(window)s])
        )) > 1
      ||| % { quantile: objective, selector: $._config.selector, window: window },
      'for': '15m',
      labels: { severity: $._config.severity, window: window },
      annotations: {
        summary: '%s answers slowly.' % $._config.component,
        description: '%s percent of requests to {{ $labels.namespace }}/%s take longer than a second.' % [percent, $._config.component],
      },
    }
    for window in $._config.windows
    for objective in $._config.objectives
  ],

  dashboard:: {
    title: 'Component / ' + $._config.component,
    uid: std.md5($._config.component),
    panels: [
      {
        id: index,
        title: $.rules[index % std.length($.rules)].record,
        type: 'timeseries',
        gridPos: { x: (index % 3) * 8, y: std.floor(index / 3) * 8, w: 8, h: 8 },
        targets: [{ expr: rule.expr, legendFormat: '{{ namespace }}' } for rule in $.rules],
        fieldConfig: { defaults: { unit: 'short', thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }] } } },
      }
      for index in std.range(0, 11)
    ],
  },
}
