// Which validation belongs to which kind.
import type { JsonKindRules } from '../families/family.ts'
import { validateIpAddress, validateServiceCidr } from './addresses.ts'
import { validateAdmissionPolicy, validatePolicyBinding } from './admission-policies.ts'
import { validateApiService } from './api-services.ts'
import { validateAutoscaler } from './autoscaling.ts'
import { validateSigningRequest } from './certificates.ts'
import { validateConfigMap, validateSecret } from './config.ts'
import { validateNamespace, validateResourceQuota } from './core.ts'
import { validateCronJob, validateJob } from './jobs.ts'
import { validateDeviceClaim, validateDeviceClaimTemplate, validateDeviceClass } from './devices/device-claims.ts'
import { validateResourceSlice } from './devices/resource-slices.ts'
import { validateEndpoints, validateEndpointSlice } from './endpoint-slices.ts'
import { validateEvent, validateReportedEvent } from './events.ts'
import { validateFlowSchema } from './flow-schemas.ts'
import { validateIngress, validateIngressClass, validateNetworkPolicy } from './network.ts'
import { validateNode } from './nodes.ts'
import { validateLimitRange } from './limit-ranges.ts'
import { validatePod, validatePodTemplate } from './pods.ts'
import { validateDisruptionBudget, validateLease, validatePriorityClass, validateRuntimeClass } from './policy.ts'
import { validatePriorityLevel } from './priority-levels.ts'
import { validateBinding, validateClusterRole, validateRole } from './rbac.ts'
import { validateService } from './services.ts'
import { validateClaim } from './claims.ts'
import { validateVolume } from './persistent-volumes.ts'
import {
  validateAttributesClass,
  validateCapacity,
  validateCsiDriver,
  validateCsiNode,
  validateStorageClass,
  validateVolumeAttachment,
} from './storage.ts'
import { validateWebhooks } from './webhooks.ts'
import {
  validateControllerRevision,
  validateDaemonSet,
  validateDeployment,
  validateReplicaSet,
  validateReplicationController,
  validateStatefulSet,
} from './workloads.ts'

type Validate = NonNullable<JsonKindRules['validate']>

/** By `group/version/Kind`. Kinds that are not here have rules for metadata alone. */
export const VALIDATORS: Readonly<Record<string, Validate>> = {
  '/v1/ConfigMap': validateConfigMap,
  '/v1/Endpoints': validateEndpoints,
  '/v1/Event': validateEvent,
  '/v1/LimitRange': validateLimitRange,
  '/v1/Namespace': validateNamespace,
  '/v1/Node': validateNode,
  '/v1/PersistentVolume': validateVolume,
  '/v1/PersistentVolumeClaim': validateClaim,
  '/v1/Pod': validatePod,
  '/v1/PodTemplate': validatePodTemplate,
  '/v1/ReplicationController': validateReplicationController,
  '/v1/ResourceQuota': validateResourceQuota,
  '/v1/Secret': validateSecret,
  '/v1/Service': validateService,
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration': validateWebhooks,
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy': validateAdmissionPolicy,
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding': validatePolicyBinding,
  'admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration': validateWebhooks,
  'apiregistration.k8s.io/v1/APIService': validateApiService,
  'apps/v1/ControllerRevision': validateControllerRevision,
  'apps/v1/DaemonSet': validateDaemonSet,
  'apps/v1/Deployment': validateDeployment,
  'apps/v1/ReplicaSet': validateReplicaSet,
  'apps/v1/StatefulSet': validateStatefulSet,
  'autoscaling/v1/HorizontalPodAutoscaler': validateAutoscaler,
  'autoscaling/v2/HorizontalPodAutoscaler': validateAutoscaler,
  'batch/v1/CronJob': validateCronJob,
  'batch/v1/Job': validateJob,
  'certificates.k8s.io/v1/CertificateSigningRequest': validateSigningRequest,
  'coordination.k8s.io/v1/Lease': validateLease,
  'discovery.k8s.io/v1/EndpointSlice': validateEndpointSlice,
  'events.k8s.io/v1/Event': validateReportedEvent,
  'flowcontrol.apiserver.k8s.io/v1/FlowSchema': validateFlowSchema,
  'flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration': validatePriorityLevel,
  'networking.k8s.io/v1/IPAddress': validateIpAddress,
  'networking.k8s.io/v1/Ingress': validateIngress,
  'networking.k8s.io/v1/IngressClass': validateIngressClass,
  'networking.k8s.io/v1/NetworkPolicy': validateNetworkPolicy,
  'networking.k8s.io/v1/ServiceCIDR': validateServiceCidr,
  'node.k8s.io/v1/RuntimeClass': validateRuntimeClass,
  'policy/v1/PodDisruptionBudget': validateDisruptionBudget,
  'rbac.authorization.k8s.io/v1/ClusterRole': validateClusterRole,
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': validateBinding,
  'rbac.authorization.k8s.io/v1/Role': validateRole,
  'rbac.authorization.k8s.io/v1/RoleBinding': validateBinding,
  'resource.k8s.io/v1/DeviceClass': validateDeviceClass,
  'resource.k8s.io/v1/ResourceClaim': validateDeviceClaim,
  'resource.k8s.io/v1/ResourceClaimTemplate': validateDeviceClaimTemplate,
  'resource.k8s.io/v1/ResourceSlice': validateResourceSlice,
  'scheduling.k8s.io/v1/PriorityClass': validatePriorityClass,
  'storage.k8s.io/v1/CSIDriver': validateCsiDriver,
  'storage.k8s.io/v1/CSINode': validateCsiNode,
  'storage.k8s.io/v1/CSIStorageCapacity': validateCapacity,
  'storage.k8s.io/v1/StorageClass': validateStorageClass,
  'storage.k8s.io/v1/VolumeAttachment': validateVolumeAttachment,
  'storage.k8s.io/v1/VolumeAttributesClass': validateAttributesClass,
}
