// What commands about RBAC settings need; passed in by main.

/** RBAC settings, judged by the evaluator of the server; passed in by main. */
export interface PolicyTool {
  /** Of a CSV file, a ConfigMap in a file, or argocd-rbac-cm of a cluster; throws `bad-input` where they are wrong. */
  readonly read: (source: PolicySource) => Promise<PolicySettings>
  readonly isAllowed: (settings: PolicySettings, question: PolicyQuestion) => Promise<boolean>
}

export interface PolicySource extends KubePlace {
  readonly file: string | undefined
}

interface KubePlace {
  readonly namespace: string
  readonly kubeconfig: string | undefined
  readonly context: string | undefined
}

export interface PolicySettings {
  readonly policy: string
  readonly defaultRole: string
  readonly matchMode: 'glob' | 'regex'
}

export interface PolicyQuestion {
  readonly subject: string
  readonly resource: string
  readonly action: string
  readonly object: string
  readonly isBuiltinUsed: boolean
}
