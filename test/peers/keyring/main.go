// Answers, for pull secrets and an image, what the kubelet would pull it with: JSON lines in, JSON lines out.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/kubernetes/pkg/credentialprovider"
	"k8s.io/kubernetes/pkg/credentialprovider/secrets"
	"k8s.io/kubernetes/pkg/util/parsers"
)

type secret struct {
	Name string            `json:"name"`
	Type string            `json:"type"`
	Data map[string][]byte `json:"data"`
}

type question struct {
	Secrets []secret `json:"secrets"`
	Images  []string `json:"images"`
}

type credential struct {
	Secret   string `json:"secret"`
	Username string `json:"username"`
	Password string `json:"password"`
}

type match struct {
	Name        string       `json:"name,omitempty"`
	Error       bool         `json:"error,omitempty"`
	Credentials []credential `json:"credentials,omitempty"`
}

type answer struct {
	Broken  bool    `json:"broken,omitempty"`
	Matches []match `json:"matches,omitempty"`
}

func answerOne(asked question) answer {
	var held []v1.Secret
	for _, one := range asked.Secrets {
		meta := metav1.ObjectMeta{Name: one.Name, Namespace: "n", UID: types.UID(one.Name)}
		held = append(held, v1.Secret{ObjectMeta: meta, Type: v1.SecretType(one.Type), Data: one.Data})
	}
	keyring, err := secrets.MakeDockerKeyring(held, &credentialprovider.BasicDockerKeyring{})
	if err != nil {
		return answer{Broken: true}
	}
	var matches []match
	for _, image := range asked.Images {
		name, _, _, err := parsers.ParseImageName(image)
		if err != nil {
			matches = append(matches, match{Error: true})
			continue
		}
		found := match{Name: name}
		tracked, _ := keyring.Lookup(name)
		for _, one := range tracked {
			from := ""
			if one.Source != nil && one.Source.Secret != nil {
				from = one.Source.Secret.Name
			}
			found.Credentials = append(found.Credentials, credential{from, one.Username, one.Password})
		}
		matches = append(matches, found)
	}
	return answer{Matches: matches}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := encoder.Encode(answerOne(asked)); err != nil {
			panic(err)
		}
	}
}
