// Reads requests as JSON lines and answers each with a line: messages of Argo CD's API between JSON and protobuf, by its own Go types.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"os"

	"github.com/argoproj/argo-cd/v3/pkg/apiclient/application"
	"github.com/argoproj/argo-cd/v3/pkg/apiclient/applicationset"
	"github.com/argoproj/argo-cd/v3/pkg/apiclient/cluster"
	"github.com/argoproj/argo-cd/v3/pkg/apiclient/project"
	"github.com/argoproj/argo-cd/v3/pkg/apiclient/repository"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

type message interface {
	Marshal() ([]byte, error)
	Unmarshal([]byte) error
}

type request struct {
	Type string `json:"type"`
	// JSON to be encoded; absent where bytes are to be decoded.
	JSON json.RawMessage `json:"json"`
	// base64
	Bytes string `json:"bytes"`
}

type answer struct {
	JSON  json.RawMessage `json:"json,omitempty"`
	Bytes string          `json:"bytes,omitempty"`
	Error string          `json:"error,omitempty"`
}

var makers = map[string]func() message{
	"v1alpha1.Application":               func() message { return &v1alpha1.Application{} },
	"v1alpha1.ApplicationList":           func() message { return &v1alpha1.ApplicationList{} },
	"v1alpha1.ApplicationWatchEvent":     func() message { return &v1alpha1.ApplicationWatchEvent{} },
	"v1alpha1.ApplicationTree":           func() message { return &v1alpha1.ApplicationTree{} },
	"v1alpha1.ApplicationSet":            func() message { return &v1alpha1.ApplicationSet{} },
	"v1alpha1.AppProject":                func() message { return &v1alpha1.AppProject{} },
	"v1alpha1.Cluster":                   func() message { return &v1alpha1.Cluster{} },
	"v1alpha1.Repository":                func() message { return &v1alpha1.Repository{} },
	"v1alpha1.RepositoryCertificateList": func() message { return &v1alpha1.RepositoryCertificateList{} },
	"v1alpha1.RevisionMetadata":          func() message { return &v1alpha1.RevisionMetadata{} },
	"application.ApplicationSyncRequest": func() message { return &application.ApplicationSyncRequest{} },
	"application.ApplicationQuery":       func() message { return &application.ApplicationQuery{} },
	"application.ApplicationPodLogsQuery": func() message {
		return &application.ApplicationPodLogsQuery{}
	},
	"application.LogEntry":                 func() message { return &application.LogEntry{} },
	"application.ManagedResourcesResponse": func() message { return &application.ManagedResourcesResponse{} },
	"applicationset.ApplicationSetCreateRequest": func() message {
		return &applicationset.ApplicationSetCreateRequest{}
	},
	"cluster.ClusterQuery":             func() message { return &cluster.ClusterQuery{} },
	"cluster.ClusterUpdateRequest":     func() message { return &cluster.ClusterUpdateRequest{} },
	"project.DetailedProjectsResponse": func() message { return &project.DetailedProjectsResponse{} },
	"repository.RepoAppDetailsQuery":   func() message { return &repository.RepoAppDetailsQuery{} },
}

func handle(line []byte) answer {
	var asked request
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{Error: err.Error()}
	}
	maker, ok := makers[asked.Type]
	if !ok {
		return answer{Error: "no such type: " + asked.Type}
	}
	held := maker()
	if asked.JSON != nil {
		if err := json.Unmarshal(asked.JSON, held); err != nil {
			return answer{Error: err.Error()}
		}
		bytes, err := held.Marshal()
		if err != nil {
			return answer{Error: err.Error()}
		}
		return answer{Bytes: base64.StdEncoding.EncodeToString(bytes)}
	}
	bytes, err := base64.StdEncoding.DecodeString(asked.Bytes)
	if err == nil {
		err = held.Unmarshal(bytes)
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	text, err := json.Marshal(held)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{JSON: text}
}

func main() {
	reader := bufio.NewReaderSize(os.Stdin, 1<<20)
	writer := bufio.NewWriter(os.Stdout)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			told, _ := json.Marshal(handle(line))
			writer.Write(append(told, '\n'))
			writer.Flush()
		}
		if err != nil {
			return
		}
	}
}
