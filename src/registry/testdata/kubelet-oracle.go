// Prints, for JSON lines of {secrets: [{type, key, data}], image}, what the kubelet's own code makes of them.
// How golden files are made from it: README.md.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/kubernetes/pkg/credentialprovider"
	"k8s.io/kubernetes/pkg/credentialprovider/secrets"
	"k8s.io/kubernetes/pkg/util/parsers"
)

type in struct {
	Secrets []struct{ Type, Key, Data string }
	Image   string
}
type out struct {
	Repo, Tag, Digest, RefErr, Err string
	Creds                          [][2]string
}

func main() {
	r := bufio.NewScanner(os.Stdin)
	r.Buffer(make([]byte, 1<<20), 1<<26)
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for r.Scan() {
		var i in
		if err := json.Unmarshal(r.Bytes(), &i); err != nil {
			panic(err)
		}
		var o out
		repo, tag, digest, err := parsers.ParseImageName(i.Image)
		o.Repo, o.Tag, o.Digest = repo, tag, digest
		if err != nil {
			o.RefErr = err.Error()
			repo = i.Image
		}
		var list []v1.Secret
		for n, s := range i.Secrets {
			sec := v1.Secret{Type: v1.SecretType(s.Type), Data: map[string][]byte{s.Key: []byte(s.Data)}}
			sec.UID = types.UID(string(rune('a' + n)))
			list = append(list, sec)
		}
		k, err := secrets.MakeDockerKeyring(list, &credentialprovider.BasicDockerKeyring{})
		if err != nil {
			o.Err = err.Error()
		} else {
			creds, _ := k.Lookup(repo)
			for _, c := range creds {
				o.Creds = append(o.Creds, [2]string{c.Username, c.Password})
			}
		}
		enc.Encode(o)
	}
}
