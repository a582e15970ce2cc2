// A library in the manner of those generated from Kubernetes' API: setters that are merged into objects, most of them never used.
local group(kind, fields) = {
  new(name): { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: name } },
  metadata: {
    withLabels(labels): { metadata+: { labels: labels } },
    withLabelsMixin(labels): { metadata+: { labels+: labels } },
    withAnnotationsMixin(annotations): { metadata+: { annotations+: annotations } },
    withNamespace(namespace): { metadata+: { namespace: namespace } },
  },
  spec: {
    ['with' + std.asciiUpper(field[0]) + field[1:]]: function(value) { spec+: { [field]: value } }
    for field in fields
  } + {
    ['with' + std.asciiUpper(field[0]) + field[1:] + 'Mixin']: function(value) { spec+: { [field]+: value } }
    for field in fields
  },
};

{
  apps: {
    deployment: group({ apiVersion: 'apps/v1', kind: 'Deployment' }, ['replicas', 'selector', 'template', 'strategy', 'minReadySeconds', 'paused', 'revisionHistoryLimit']),
    statefulSet: group({ apiVersion: 'apps/v1', kind: 'StatefulSet' }, ['replicas', 'selector', 'template', 'serviceName', 'updateStrategy', 'volumeClaimTemplates']),
    daemonSet: group({ apiVersion: 'apps/v1', kind: 'DaemonSet' }, ['selector', 'template', 'updateStrategy']),
  },
  core: {
    service: group({ apiVersion: 'v1', kind: 'Service' }, ['selector', 'ports', 'type', 'clusterIP', 'externalName']),
    serviceAccount: group({ apiVersion: 'v1', kind: 'ServiceAccount' }, ['secrets']),
    configMap: group({ apiVersion: 'v1', kind: 'ConfigMap' }, ['data']) + {
      withData(data): { data: data },
    },
  },
  monitoring: {
    serviceMonitor: group({ apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor' }, ['endpoints', 'selector', 'jobLabel']),
    prometheusRule: group({ apiVersion: 'monitoring.coreos.com/v1', kind: 'PrometheusRule' }, ['groups']),
  },
  container: {
    new(name, image): { name: name, image: image },
    withPorts(ports): { ports: ports },
    withEnvMap(environment): { env: [{ name: name, value: environment[name] } for name in std.objectFields(environment)] },
    withResources(cpu, memory): { resources: { requests: { cpu: cpu, memory: memory }, limits: { memory: memory } } },
  },
}
