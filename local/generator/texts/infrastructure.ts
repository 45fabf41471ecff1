/** What goes wrong below the services: network, disk, memory, machines, and what there is too little of. */
import type { TextTable } from './text.ts';

export const network: TextTable = {
  category: 'network',
  scope: 'request',
  statuses: [502, 503],
  codes: ['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN', 'EPIPE'],
  texts: {
    warn: [
      'connection to {host}:{port} was reset, reconnecting (attempt {try} of 5)',
      'packet loss of {pct}% to {host} in the last minute',
      'DNS lookup of {host} took {bigms} ms',
      'keep-alive connection to {ip}:{port} closed by peer, opening a new one',
      'TCP retransmissions towards {ip} above usual: {big} segments',
    ],
    error: [
      'connect ECONNREFUSED {ip}:{port}',
      'read ECONNRESET while talking to {host}:{port}',
      'getaddrinfo EAI_AGAIN {host}: name resolution failed',
      'no route to host {ip}, network unreachable',
      'socket hang up after {big} bytes from {host}',
      'TLS handshake with {host}:{port} failed: connection closed by peer',
      'broken pipe writing response to {ip}:{port}',
      'connection to {host} refused: no listener on port {port}',
      'lost network link to {host}: {try} reconnects failed',
      'unexpected end of stream from {host}:{port}, connection dropped',
      'proxy {ip} refused to open a tunnel to {host}',
    ],
    critical: [
      'network partition: {n} of {n} peers unreachable',
      'all connections to {host} lost, no route left',
    ],
  },
  heldOut: {
    warn: ['peer {ip}:{port} dropped the connection, reconnecting', 'slow DNS answer for {host}: {bigms} ms'],
    error: [
      'could not open a socket to {host}:{port}: connection refused by peer',
      'connection reset by peer {ip} after {big} bytes',
      'host {host} could not be resolved: DNS server gave no answer',
      'network is unreachable: no route towards {ip}',
      'TLS connection to {host} closed before the handshake was complete',
    ],
    critical: ['{n} peers unreachable since the network split, no link is left'],
  },
};

export const disk: TextTable = {
  category: 'disk_io',
  scope: 'job',
  statuses: [507, 500],
  codes: ['ENOSPC', 'EIO', 'EROFS', 'ENOTDIR', 'EDQUOT'],
  texts: {
    warn: [
      'disk {dev} is {pct}% full',
      'write to {path} took {bigms} ms, disk queue length {n}',
      'volume {dev}: inode usage at {pct}%',
      'fsync of {path} is slow: {bigms} ms',
    ],
    error: [
      'ENOSPC: no space left on device, write {path}',
      'EIO: i/o error, read {path}',
      'cannot rotate {path}: read-only file system',
      'disk quota exceeded writing {path}',
      'checksum mismatch in block {big} of {path}, file is corrupt',
      'failed to flush {big} pages to {dev}: input/output error',
      'could not append to journal {path}: device full',
      'short write to {path}: {n} of {big} bytes, disk full',
      'cannot create temporary file in {path}: no space left on device',
      'unable to mount volume {dev}: bad superblock',
    ],
    critical: [
      'file system on {dev} remounted read-only after i/o errors',
      'volume {dev} is full, writes are refused',
    ],
  },
  heldOut: {
    warn: ['only {mb} MB of disk space left on {dev}', 'slow write on volume {dev}: {bigms} ms'],
    error: [
      'write {path} failed: device {dev} has no space left',
      'i/o error on {dev} while reading block {big}',
      'file {path} cannot be opened for writing: file system is read-only',
      'disk full: snapshot of {mb} MB not written to {path}',
      'flush to volume {dev} failed, {big} pages not on disk',
    ],
    critical: ['volume {dev} refuses writes: disk is full'],
  },
};

export const memory: TextTable = {
  category: 'memory',
  scope: 'job',
  statuses: [500, 503],
  codes: ['ERR_HEAP_LIMIT', 'OOM_KILLED', 'OutOfMemoryError', 'MemoryError'],
  texts: {
    warn: [
      'heap usage at {pct}% after full GC',
      'GC pause of {bigms} ms, {mb} MB freed',
      'resident memory is {mb} MB, limit {gb} GB',
      'memory grew by {mb} MB in the last {n} minutes, possible leak',
    ],
    error: [
      'java.lang.OutOfMemoryError: Java heap space',
      'JavaScript heap out of memory, last GC freed {n} MB',
      'cannot allocate {mb} MB of memory',
      'OutOfMemoryError: GC overhead limit exceeded',
      'worker {n} was killed by the OOM killer at {mb} MB resident memory',
      'MemoryError: unable to allocate array of {mb} MB',
      'heap limit of {gb} GB reached, request aborted',
      'buffer allocation of {mb} MB failed, out of memory',
      'memory leak suspected: heap at {pct}% after {n} full GCs',
      'native memory exhausted: mmap of {mb} MB failed',
    ],
    critical: [
      'process killed: out of memory ({mb} MB resident, limit {gb} GB)',
      'heap exhausted, shutting down to restart',
    ],
  },
  heldOut: {
    warn: ['full GC took {bigms} ms, heap still at {pct}%', 'heap is {pct}% used, memory limit near'],
    error: [
      'out of memory: heap of {gb} GB is exhausted',
      'allocation of {mb} MB refused, memory limit of the container reached',
      'OOM killer ended worker {n}, it held {mb} MB',
      'garbage collection freed only {n} MB of heap, giving up',
      'failed to grow the heap by {mb} MB: cannot allocate memory',
    ],
    critical: ['out of memory, process is restarted: {mb} MB resident'],
  },
};

export const hardware: TextTable = {
  category: 'hardware',
  scope: 'job',
  statuses: [500],
  codes: ['MCE', 'SMART_FAIL', 'ECC_UE', 'NIC_DOWN'],
  texts: {
    warn: [
      'corrected ECC error on DIMM {n} of {node}',
      'CPU {n} temperature above threshold, clock throttled',
      'SMART: {n} reallocated sectors on {dev} of {node}',
      'fan {n} of {node} turns at {big} rpm, below minimum',
    ],
    error: [
      'machine check exception on CPU {n}, bank {n}',
      'uncorrectable ECC error on DIMM {n} of {node}',
      'SMART self-test failed on {dev}: {n} pending sectors',
      'power supply {n} of {node} failed, running on one unit',
      'NIC eth{n} of {node} is down: link lost',
      'RAID array md{n} degraded: member {dev} failed',
      'PCIe bus error on {node}: severity fatal, device {hex}',
      'GPU {n} fell off the bus on {node}',
      'temperature sensor {n} of {node} reads {pct} degrees, emergency throttle',
    ],
    critical: [
      '{node} lost power: hardware watchdog expired',
      'RAID array md{n} failed on {node}: two members lost',
    ],
  },
  heldOut: {
    warn: ['ECC memory error corrected by DIMM {n} on {node}', 'CPU {n} of {node} throttled: too hot'],
    error: [
      'hardware error reported by machine check on {node}, CPU {n}',
      'drive {dev} of {node} failed its SMART check with {n} bad sectors',
      'RAID member {dev} dropped out of array md{n} on {node}',
      'power supply unit {n} failed on {node}',
      'uncorrectable error on memory module DIMM {n}, page {hex} retired',
    ],
    critical: ['hardware watchdog reset {node} after power failure'],
  },
};

export const resources: TextTable = {
  category: 'resource_exhaustion',
  scope: 'request',
  statuses: [503, 429],
  codes: ['EMFILE', 'POOL_EXHAUSTED', 'QUEUE_FULL', 'THREADS_EXHAUSTED', 'QUOTA_EXCEEDED'],
  texts: {
    warn: [
      'connection pool at {pct}%: {n} requests waiting',
      'queue {queue} holds {big} jobs, {pct}% of its capacity',
      'thread pool {pool}: {pct}% of threads busy',
      'rate limit near: {pct}% of the quota of client {user} used',
      '{big} open file descriptors, limit {big}',
    ],
    error: [
      'connection pool {pool} exhausted: no connection free after {bigms} ms',
      'EMFILE: too many open files, accept on port {port}',
      'queue {queue} is full, job {hex} rejected',
      'thread pool {pool} exhausted, {n} tasks rejected',
      'quota exceeded for {upstream}: {big} calls per minute',
      'no worker free: all {n} busy, request rejected',
      'too many requests in flight: {big}, limit {big}',
      'RejectedExecutionException: queue capacity {big} reached',
      'file descriptor limit of {big} reached',
      'CPU quota used up, container throttled for {bigms} ms',
      'semaphore {pool}: no permit free, {n} waiting',
    ],
    critical: [
      'all {n} workers saturated, shedding load',
      'connection pool {pool} exhausted for {n} seconds, service degraded',
    ],
  },
  heldOut: {
    warn: ['pool {pool} nearly exhausted: {n} waiting for a connection', 'queue {queue} is {pct}% full'],
    error: [
      'rejected: pool {pool} has no free connection, {n} callers waiting',
      'too many open files: limit of {big} descriptors reached',
      'job {hex} rejected, capacity of queue {queue} reached',
      'all {n} threads of {pool} are busy, task rejected',
      'quota of {big} requests per minute used up for {upstream}',
    ],
    critical: ['load shed: every one of {n} workers is busy, queue {queue} full'],
  },
};
