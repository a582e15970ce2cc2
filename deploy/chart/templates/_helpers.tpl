{{/* Labels of an object: (dict "name" … "component" …). */}}
{{- define "capstan.labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/part-of: argocd
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* What a Deployment of ours selects: upstream's name, and a mark of ours, so that pods of an Argo CD in the same namespace are others'. */}}
{{- define "capstan.selector" -}}
app.kubernetes.io/name: {{ . }}
app.kubernetes.io/instance: capstan
{{- end }}

{{- define "capstan.server" -}}{{ .Values.namePrefix }}-server{{- end }}
{{- define "capstan.controller" -}}{{ .Values.namePrefix }}-application-controller{{- end }}
{{- define "capstan.redis" -}}{{ .Values.namePrefix }}-redis{{- end }}

{{/* Names in cluster scope: several installations may stand in one cluster. */}}
{{- define "capstan.clusterName" -}}capstan-{{ .Release.Namespace }}{{- end }}

{{- define "capstan.image" -}}
{{ required "image: name the image to run; deploy/image/Containerfile builds it" .Values.image }}
{{- end }}

{{- define "capstan.insecure" -}}
{{- if or .Values.server.insecure (and .Values.ingress.enabled (eq (int .Values.ingress.servicePort) 80)) }}true{{ end }}
{{- end }}

{{- define "capstan.hasOwnRedis" -}}
{{- if and (eq .Values.roles "apart") (not .Values.redis.address) }}true{{ end }}
{{- end }}

{{- define "capstan.redisAddress" -}}
{{ .Values.redis.address | default (printf "%s:6379" (include "capstan.redis" .)) }}
{{- end }}

{{/* What every container may do: nothing. */}}
{{- define "capstan.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop:
    - ALL
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* How pods are placed and pulled: (dict "root" . "name" …). */}}
{{- define "capstan.placing" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . | quote }}
{{- end }}
{{- end }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          labelSelector:
            matchLabels:
              {{- include "capstan.selector" .name | nindent 14 }}
          topologyKey: kubernetes.io/hostname
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Labels and annotations of a pod: (dict "root" . "name" …). */}}
{{- define "capstan.podMetadata" -}}
labels:
  {{- include "capstan.selector" .name | nindent 2 }}
  app.kubernetes.io/part-of: argocd
  {{- with .root.Values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .root.Values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Redis as a role finds it; argocd-cmd-params-cm and the Secret are upstream's. */}}
{{- define "capstan.redisEnvironment" -}}
- name: REDIS_SERVER
  value: {{ include "capstan.redisAddress" . | quote }}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ .Values.redis.passwordSecret | quote }}
      key: auth
      {{- if .Values.redis.address }}
      optional: true
      {{- end }}
- name: REDIS_COMPRESSION
  valueFrom:
    configMapKeyRef:
      name: argocd-cmd-params-cm
      key: redis.compression
      optional: true
- name: REDISDB
  valueFrom:
    configMapKeyRef:
      name: argocd-cmd-params-cm
      key: redis.db
      optional: true
{{- end }}

{{- define "capstan.podEnvironment" -}}
- name: HOME
  value: /data
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
{{- end }}

{{/* What an application may be made of, in the rules of a role. */}}
{{- define "capstan.everything" -}}
- apiGroups: ["*"]
  resources: ["*"]
  verbs: ["*"]
{{- end }}

{{/* What the server does with the objects of applications (argo-cd v3.5.1 manifests/cluster-rbac/server). */}}
{{- define "capstan.look" -}}
# See, change and delete a resource.
- apiGroups: ["*"]
  resources: ["*"]
  verbs: [delete, get, patch]
- apiGroups: [""]
  resources: [events]
  verbs: [list]
# Actions of CronJobs and CronWorkflows.
- apiGroups: [batch]
  resources: [jobs]
  verbs: [create]
- apiGroups: [argoproj.io]
  resources: [workflows]
  verbs: [create]
{{- if .Values.server.terminal }}
# Shells in pods.
- apiGroups: [""]
  resources: [pods/exec]
  verbs: [create]
{{- end }}
{{- end }}
