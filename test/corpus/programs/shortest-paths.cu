//// features: graphs, Bellman-Ford with atomicMin, repeated until nothing changes
//// sequential
void shortest_paths(const int *from, const int *to, const int *length, int edges, int *distance_, int n) {
    for (int i = 0; i < n; i++) distance_[i] = i == 0 ? 0 : 1000000;
    for (int round_ = 0; round_ < n; round_++)
        for (int e = 0; e < edges; e++) distance_[to[e]] = min(distance_[to[e]], distance_[from[e]] + length[e]);
}
//// kernel
__global__ void relax_edges(const int *from, const int *to, const int *length, int edges, int *distance_, int *changed) {
    int e = blockIdx.x * blockDim.x + threadIdx.x;
    if (e >= edges) return;
    int by = distance_[from[e]] + length[e];
    if (by < atomicMin(&distance_[to[e]], by)) *changed = 1;
}
//// wrapper
void shortest_paths_cuda(const int *from, const int *to, const int *length, int edges, int *distance_, int n) {
    int *d, *d_distance, *d_changed, changed = 1;
    size_t bytes = edges * sizeof(int);
    cudaMalloc(&d, 3 * bytes);
    cudaMalloc(&d_distance, n * sizeof(int));
    cudaMalloc(&d_changed, sizeof(int));
    cudaMemcpy(d, from, bytes, cudaMemcpyHostToDevice);
    cudaMemcpy(d + edges, to, bytes, cudaMemcpyHostToDevice);
    cudaMemcpy(d + 2 * edges, length, bytes, cudaMemcpyHostToDevice);
    vector<int> begin(n, 1000000);
    begin[0] = 0;
    cudaMemcpy(d_distance, begin.data(), n * sizeof(int), cudaMemcpyHostToDevice);
    while (changed) {
        changed = 0;
        cudaMemcpy(d_changed, &changed, sizeof(int), cudaMemcpyHostToDevice);
        relax_edges<<<(edges + 7) / 8, 8>>>(d, d + edges, d + 2 * edges, edges, d_distance, d_changed);
        cudaMemcpy(&changed, d_changed, sizeof(int), cudaMemcpyDeviceToHost);
    }
    cudaMemcpy(distance_, d_distance, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d);
    cudaFree(d_distance);
    cudaFree(d_changed);
}
//// tests
int from[5] = {0, 0, 1, 2, 1}, to[5] = {1, 2, 3, 3, 2}, length[5] = {4, 1, 1, 5, -4}, distances[5];
wrapper(FUNCTION, from, to, length, 5, distances, 5);
---
int from[60], to[60], length[60], distances[25];
for (int i = 0; i < 60; i++) from[i] = i * 7 % 25, to[i] = i * 11 % 25, length[i] = 1 + i * i % 9;
wrapper(FUNCTION, from, to, length, 60, distances, 25);
