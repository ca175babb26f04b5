// Package queue holds jobs until a worker takes them: the urgent ones first, the older ones before the newer.
package queue

import (
	"container/heap"
	"errors"
	"sync"
	"time"
)

// ErrClosed is returned when a job is put into a queue that was closed.
var ErrClosed = errors.New("queue: closed")

// Job is one piece of work.
type Job struct {
	ID       string
	Priority int
	Created  time.Time
	Run      func() error
}

type jobs []*Job

func (j jobs) Len() int { return len(j) }

func (j jobs) Less(a, b int) bool {
	if j[a].Priority != j[b].Priority {
		return j[a].Priority > j[b].Priority
	}
	return j[a].Created.Before(j[b].Created)
}

func (j jobs) Swap(a, b int) { j[a], j[b] = j[b], j[a] }

func (j *jobs) Push(x any) { *j = append(*j, x.(*Job)) }

func (j *jobs) Pop() any {
	old := *j
	last := old[len(old)-1]
	*j = old[:len(old)-1]
	return last
}

// Queue is safe for use by several goroutines.
type Queue struct {
	mu     sync.Mutex
	wake   *sync.Cond
	jobs   jobs
	closed bool
}

// New returns an empty queue.
func New() *Queue {
	q := &Queue{}
	q.wake = sync.NewCond(&q.mu)
	return q
}

// Put adds a job and wakes one waiting worker.
func (q *Queue) Put(job *Job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	heap.Push(&q.jobs, job)
	q.wake.Signal()
	return nil
}

// Take waits for a job; it returns false when the queue is closed and empty.
func (q *Queue) Take() (*Job, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.jobs) == 0 && !q.closed {
		q.wake.Wait()
	}
	if len(q.jobs) == 0 {
		return nil, false
	}
	return heap.Pop(&q.jobs).(*Job), true
}

// Close lets the workers finish what is there and then stop.
func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake.Broadcast()
}
