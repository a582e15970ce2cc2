// One application as people write it: a Deployment, a Service and a ConfigMap from a few settings.
local settings = {
  name: 'shop',
  replicas: 3,
  image: 'registry.example.com/shop:1.4.2',
  ports: { http: 8080, metrics: 9090 },
  environment: { LOG_LEVEL: 'info', CACHE: 'redis://cache:6379' },
};

local labels = { 'app.kubernetes.io/name': settings.name };

local object(apiVersion, kind) = {
  apiVersion: apiVersion,
  kind: kind,
  metadata: { name: settings.name, labels: labels },
};

[
  object('apps/v1', 'Deployment') {
    spec: {
      replicas: settings.replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: labels },
        spec: {
          containers: [{
            name: settings.name,
            image: settings.image,
            ports: [{ name: name, containerPort: settings.ports[name] } for name in std.objectFields(settings.ports)],
            env: [{ name: name, value: settings.environment[name] } for name in std.objectFields(settings.environment)],
          }],
        },
      },
    },
  },
  object('v1', 'Service') {
    spec: {
      selector: labels,
      ports: [{ name: name, port: settings.ports[name], targetPort: name } for name in std.objectFields(settings.ports)],
    },
  },
  object('v1', 'ConfigMap') {
    data: { 'settings.yaml': std.manifestYamlDoc(settings.environment) },
  },
]
