// Follows pods and config maps of one namespace with client-go's typed informers, until the object named "finish" of
// both kinds is seen; then prints what the caches hold and what it took to fill them, as JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// counts are the requests of all informers.
type counts struct {
	Lists       atomic.Int64
	WatchLists  atomic.Int64
	Watches     atomic.Int64
	NotProtobuf atomic.Int64
	Events      atomic.Int64
	Backwards   atomic.Int64
}

type counting struct {
	next   http.RoundTripper
	counts *counts
}

// RoundTrip counts a request by what it asks for, and answers that are not protobuf.
func (c counting) RoundTrip(request *http.Request) (*http.Response, error) {
	query := request.URL.Query()
	switch {
	case query.Get("sendInitialEvents") == "true":
		c.counts.WatchLists.Add(1)
	case query.Get("watch") == "true":
		c.counts.Watches.Add(1)
	default:
		c.counts.Lists.Add(1)
	}
	response, err := c.next.RoundTrip(request)
	if err == nil && len(response.Header.Get("Content-Type")) < len("application/vnd.kubernetes.protobuf") {
		c.counts.NotProtobuf.Add(1)
	}
	return response, err
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "path of a kubeconfig")
	namespace := flag.String("namespace", "default", "the namespace to follow")
	flag.Parse()
	if err := run(*kubeconfig, *namespace); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kubeconfig, namespace string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	var seen counts
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return counting{next: next, counts: &seen} })
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(namespace))
	followed := map[string]cache.SharedIndexInformer{
		"pods":       factory.Core().V1().Pods().Informer(),
		"configmaps": factory.Core().V1().ConfigMaps().Informer(),
	}
	var finished sync.WaitGroup
	for _, informer := range followed {
		finished.Add(1)
		if _, err := informer.AddEventHandler(handler(&seen, sync.OnceFunc(finished.Done))); err != nil {
			return err
		}
	}
	stop := make(chan struct{})
	factory.Start(stop)
	factory.WaitForCacheSync(stop)
	fmt.Println("synced")
	finished.Wait()
	return report(followed, &seen)
}

// handler counts what an informer tells, and calls finish when it tells of "finish".
func handler(seen *counts, finish func()) cache.ResourceEventHandler {
	check := func(object any) {
		seen.Events.Add(1)
		if accessor, err := meta.Accessor(object); err == nil && accessor.GetName() == "finish" {
			finish()
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc: check,
		UpdateFunc: func(old, object any) {
			if revision(object) < revision(old) {
				seen.Backwards.Add(1)
			}
			check(object)
		},
		DeleteFunc: func(object any) { seen.Events.Add(1) },
	}
}

func revision(object any) uint64 {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return 0
	}
	number, _ := strconv.ParseUint(accessor.GetResourceVersion(), 10, 64)
	return number
}

func report(followed map[string]cache.SharedIndexInformer, seen *counts) error {
	// Handlers run behind the cache: what the marker came after is in it.
	held := map[string]map[string]string{}
	for resource, informer := range followed {
		versions := map[string]string{}
		for _, object := range informer.GetStore().List() {
			accessor, err := meta.Accessor(object)
			if err != nil {
				return err
			}
			versions[accessor.GetName()] = accessor.GetResourceVersion()
		}
		held[resource] = versions
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"held":        held,
		"lists":       seen.Lists.Load(),
		"watchLists":  seen.WatchLists.Load(),
		"watches":     seen.Watches.Load(),
		"notProtobuf": seen.NotProtobuf.Load(),
		"events":      seen.Events.Load(),
		"backwards":   seen.Backwards.Load(),
	})
}
