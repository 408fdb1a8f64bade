//// features: graphs, BFS by levels, frontier appended to by atomics, loop on the host
//// sequential
void breadth_first(const int *start, const int *edge, int n, int from, int *depth) {
    for (int i = 0; i < n; i++) depth[i] = -1;
    vector<int> queue_ = {from};
    depth[from] = 0;
    for (size_t at = 0; at < queue_.size(); at++)
        for (int e = start[queue_[at]]; e < start[queue_[at] + 1]; e++)
            if (depth[edge[e]] < 0) depth[edge[e]] = depth[queue_[at]] + 1, queue_.push_back(edge[e]);
}
//// kernel
__global__ void expand(const int *start, const int *edge, int *depth, const int *frontier, int size, int *next, int *next_size, int level) {
    int at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= size) return;
    int node = frontier[at];
    for (int e = start[node]; e < start[node + 1]; e++)
        if (atomicCAS(&depth[edge[e]], -1, level) == -1) next[atomicAdd(next_size, 1)] = edge[e];
}
//// wrapper
void breadth_first_cuda(const int *start, const int *edge, int n, int from, int *depth) {
    int edges = start[n], *d_start, *d_edge, *d_depth, *d_frontier, *d_next, *d_size, size = 1, zero = 0;
    cudaMalloc(&d_start, (n + 1) * sizeof(int));
    cudaMalloc(&d_edge, edges * sizeof(int));
    cudaMalloc(&d_depth, n * sizeof(int));
    cudaMalloc(&d_frontier, n * sizeof(int));
    cudaMalloc(&d_next, n * sizeof(int));
    cudaMalloc(&d_size, sizeof(int));
    cudaMemcpy(d_start, start, (n + 1) * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_edge, edge, edges * sizeof(int), cudaMemcpyHostToDevice);
    cudaMemset(d_depth, -1, n * sizeof(int));
    cudaMemcpy(d_depth + from, &zero, sizeof(int), cudaMemcpyHostToDevice);
    cudaMemcpy(d_frontier, &from, sizeof(int), cudaMemcpyHostToDevice);
    for (int level = 1; size > 0; level++) {
        cudaMemset(d_size, 0, sizeof(int));
        expand<<<(size + 31) / 32, 32>>>(d_start, d_edge, d_depth, d_frontier, size, d_next, d_size, level);
        cudaMemcpy(&size, d_size, sizeof(int), cudaMemcpyDeviceToHost);
        swap(d_frontier, d_next);
    }
    cudaMemcpy(depth, d_depth, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_start);
    cudaFree(d_edge);
    cudaFree(d_depth);
    cudaFree(d_frontier);
    cudaFree(d_next);
    cudaFree(d_size);
}
//// tests
int start[6] = {0, 2, 3, 4, 5, 5}, edge[5] = {1, 2, 3, 3, 0}, depth[5];
wrapper(FUNCTION, start, edge, 5, 0, depth);
---
int start[41], edge[80], depth[40];
for (int i = 0; i <= 40; i++) start[i] = 2 * i;
for (int i = 0; i < 40; i++) edge[2 * i] = (i * 3 + 1) % 40, edge[2 * i + 1] = (i * 7 + 5) % 40;
wrapper(FUNCTION, start, edge, 40, 3, depth);
