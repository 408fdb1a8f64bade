//// features: printf of several threads, each in turn between barriers; of several launches
//// sequential
void print_in_order(int threads, int launches) {
    for (int l = 0; l < launches; l++)
        for (int t = 0; t < threads; t++) printf("launch %d thread %d\n", l, t);
}
//// kernel
__global__ void in_turn(int launch) {
    for (int t = 0; t < blockDim.x; t++) {
        if (t == threadIdx.x) printf("launch %d thread %d\n", launch, threadIdx.x);
        __syncthreads();
    }
}
//// wrapper
void print_in_order_cuda(int threads, int launches) {
    for (int l = 0; l < launches; l++) in_turn<<<1, threads>>>(l);
    cudaDeviceSynchronize();
}
//// tests
wrapper(FUNCTION, 3, 2);
---
wrapper(FUNCTION, 40, 1);
