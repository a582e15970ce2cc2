// A monitoring stack: forty components, each with workload, service, monitor, rules and dashboard, put together from libraries.
local k = import 'library.libsonnet';
local mixin = import 'mixin.libsonnet';

local defaults = {
  values+:: {
    common: { namespace: 'monitoring', version: '1.2.3', registry: 'quay.example.com' },
    resources: { cpu: '50m', memory: '128Mi' },
  },
};

local component(name, values) = {
  local labels = {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/part-of': 'stack',
    'app.kubernetes.io/version': values.common.version,
  },
  local selector = { [field]: labels[field] for field in std.objectFields(labels) if field != 'app.kubernetes.io/version' },
  local rules = mixin { _config+:: { component: name, namespace: values.common.namespace } },

  deployment:
    k.apps.deployment.new(name)
    + k.apps.deployment.metadata.withNamespace(values.common.namespace)
    + k.apps.deployment.metadata.withLabels(labels)
    + k.apps.deployment.spec.withReplicas(2)
    + k.apps.deployment.spec.withSelector({ matchLabels: selector })
    + k.apps.deployment.spec.withTemplate({
      metadata: { labels: labels },
      spec: {
        serviceAccountName: name,
        containers: [
          k.container.new(name, '%s/%s:v%s' % [values.common.registry, name, values.common.version])
          + k.container.withPorts([{ name: 'http', containerPort: 8080 }])
          + k.container.withEnvMap({ ['SETTING_%02d' % index]: std.toString(index) for index in std.range(1, 10) })
          + k.container.withResources(values.resources.cpu, values.resources.memory),
        ],
      },
    })
    + k.apps.deployment.metadata.withAnnotationsMixin({ checksum: std.md5(std.manifestJsonEx(rules.dashboard, '  ')) }),
  service:
    k.core.service.new(name)
    + k.core.service.metadata.withLabels(labels)
    + k.core.service.spec.withSelector(selector)
    + k.core.service.spec.withPorts([{ name: 'http', port: 80, targetPort: 'http' }]),
  serviceAccount: k.core.serviceAccount.new(name) + k.core.serviceAccount.metadata.withLabels(labels),
  serviceMonitor:
    k.monitoring.serviceMonitor.new(name)
    + k.monitoring.serviceMonitor.metadata.withLabels(labels)
    + k.monitoring.serviceMonitor.spec.withSelector({ matchLabels: selector })
    + k.monitoring.serviceMonitor.spec.withEndpoints([{ port: 'http', interval: '30s' }]),
  prometheusRule:
    k.monitoring.prometheusRule.new(name)
    + k.monitoring.prometheusRule.metadata.withLabels(labels)
    + k.monitoring.prometheusRule.spec.withGroups([{ name: name, rules: rules.rules + rules.alerts }]),
  dashboard:
    k.core.configMap.new(name + '-dashboard')
    + k.core.configMap.withData({ [name + '.json']: std.manifestJsonEx(rules.dashboard, '    ') }),
};

local stack = defaults {
  values+:: { common+: { version: '2.0.0' } },
  components: {
    ['component-%02d' % index]: component('component-%02d' % index, $.values)
    for index in std.range(1, 40)
  },
};

[
  stack.components[name][part]
  for name in std.objectFields(stack.components)
  for part in std.objectFields(stack.components[name])
]
