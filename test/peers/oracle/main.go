// Command oracle answers how Go's own libraries read and write YAML and parse templates: a JSON question a line, a JSON answer a line.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"text/template"

	"sigs.k8s.io/yaml"
)

type question struct {
	// read: text as YAML; write: value as YAML; parse: text as a template.
	Kind  string          `json:"kind"`
	Text  string          `json:"text"`
	Value json.RawMessage `json:"value"`
}

type answer struct {
	JSON  json.RawMessage `json:"json,omitempty"`
	Text  *string         `json:"text,omitempty"`
	Error string          `json:"error,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	encoder := json.NewEncoder(out)
	for decoder.More() {
		var asked question
		if err := decoder.Decode(&asked); err != nil {
			panic(err)
		}
		if err := encoder.Encode(reply(asked)); err != nil {
			panic(err)
		}
	}
}

func reply(asked question) answer {
	switch asked.Kind {
	case "read":
		data, err := yaml.YAMLToJSON([]byte(asked.Text))
		if err != nil {
			return answer{Error: err.Error()}
		}
		return answer{JSON: data}
	case "write":
		var value any
		if err := json.Unmarshal(asked.Value, &value); err != nil {
			return answer{Error: err.Error()}
		}
		data, err := yaml.Marshal(value)
		if err != nil {
			return answer{Error: err.Error()}
		}
		text := string(data)
		return answer{Text: &text}
	default:
		functions := template.FuncMap{"f": func(...any) any { return nil }, "include": func(...any) any { return nil }}
		_, err := template.New("t").Funcs(functions).Parse(asked.Text)
		if err != nil {
			return answer{Error: err.Error()}
		}
		return answer{}
	}
}
