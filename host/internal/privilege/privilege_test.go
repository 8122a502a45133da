package privilege

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMakePlan(t *testing.T) {
	socket := Identity{Socket: "/s", SocketGID: 996, SocketMode: 0o660}
	with := func(change func(*Identity)) Identity {
		id := socket
		change(&id)
		return id
	}
	tests := []struct {
		name     string
		id       Identity
		uid, gid string
		want     Plan
	}{
		{"not root stays", with(func(id *Identity) { id.UID = 1000 }), "1000", "996", Plan{}},
		{"root without MONITOR_UID stays", socket, "", "996", Plan{}},
		{"MONITOR_UID=0 stays", socket, "0", "", Plan{}},
		{"group of the socket given", socket, "1000", "996", Plan{Drop: true, UID: 1000, GID: 996}},
		{"group unset takes the socket's", socket, "1000", "", Plan{Drop: true, UID: 1000, GID: 996}},
		{"another group on the socket", socket, "1000", "1000", Plan{Drop: true, UID: 1000, GID: 1000, Groups: []int{996},
			Notes: []string{"/s belongs to group 996, which is taken as a supplementary group"}}},
		{"only root may open", with(func(id *Identity) { id.SocketMode = 0o600; id.SocketGID = 0 }), "1000", "996", Plan{Drop: true, UID: 1000, GID: 996,
			Notes: []string{"only uid 0 can open /s (-rw-------): set MONITOR_UID=0"}}},
		{"everyone may open", with(func(id *Identity) { id.SocketMode = 0o666 }), "1000", "996", Plan{Drop: true, UID: 1000, GID: 996}},
		{"no socket", Identity{}, "1000", "", Plan{Drop: true, UID: 1000, GID: 1000}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := MakePlan(test.id, test.uid, test.gid)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMakePlanRefusesWords(t *testing.T) {
	for _, id := range []string{"nobody", "-1", "1000x"} {
		if _, err := MakePlan(Identity{}, id, ""); err == nil {
			t.Errorf("MONITOR_UID=%s was taken", id)
		}
		if _, err := MakePlan(Identity{}, "1000", id); err == nil {
			t.Errorf("MONITOR_GID=%s was taken", id)
		}
	}
}
