void sort_ascending_cuda(int *a, int n) {
    int count = 1;
    while (count < n) count *= 2;
    std::vector<int> padded(a, a + n);
    padded.resize(count, INT_MAX);
    int *d_a;
    cudaMalloc(&d_a, count * sizeof(int));
    cudaMemcpy(d_a, padded.data(), count * sizeof(int), cudaMemcpyHostToDevice);
    for (int size = 2; size <= count; size *= 2) {
        for (int stride = size / 2; stride > 0; stride /= 2) {
            bitonic_step<<<1, count>>>(d_a, stride, size);
        }
    }
    cudaMemcpy(a, d_a, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_a);
}
